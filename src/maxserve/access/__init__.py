"""Access: API keys, what each of them may do, and the accounts that they belong to."""

from .accounts import NO_ACCOUNT, Accounts
from .key import Key, MaskingRule, digest_of, key_id
from .keys import Keys, secrets_in

__all__ = ["Accounts", "Key", "Keys", "MaskingRule", "NO_ACCOUNT", "digest_of", "key_id", "secrets_in"]
