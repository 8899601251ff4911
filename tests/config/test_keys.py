"""`[keys.NAME]`: a key and everything that holds for its requests, and the keys of earlier versions."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from maxserve.access import Key
from maxserve.cli.main import main
from maxserve.config import Config, ConfigError, load

SECRET = "sk-team-a-0123456789"
DIGEST = hashlib.sha256(SECRET.encode()).hexdigest()
WEBHOOK = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TABLE = f"""\
[keys.team-a]
digest = "sha256:{DIGEST}"
flavour = "minimax"
masking = "always"
accounts = ["0123456789abcdef0123456789abcdef"]
webhook_secrets = ["{WEBHOOK}"]
"""
WHOLE = Key(
    digest=DIGEST,
    name="team-a",
    flavour="minimax",
    masking="always",
    accounts=("0123456789abcdef0123456789abcdef",),
    webhook_secrets=(WEBHOOK,),
)


def config(folder: Path, text: str, environ: dict[str, str] | None = None) -> Config:
    (folder / "maxserve.toml").write_text(text)
    return load((), environ or {}, folder).config


def test_key_table_gives_one_key_with_all_its_settings(tmp_path: Path) -> None:
    assert list(config(tmp_path, TABLE).access_keys()) == [WHOLE]


def test_secret_in_place_of_digest_gives_the_same_key(tmp_path: Path) -> None:
    text = TABLE.replace(f'digest = "sha256:{DIGEST}"', f'secret = "{SECRET}"')
    assert list(config(tmp_path, text).access_keys()) == [WHOLE]


def test_environment_defines_a_key(tmp_path: Path) -> None:
    environ = {"MAXSERVE_KEYS_TEAM_B_SECRET": SECRET, "MAXSERVE_KEYS_TEAM_B_WEBHOOK_SECRETS": f"{WEBHOOK}, {WEBHOOK}"}
    (key,) = config(tmp_path, "", environ).access_keys()
    assert (key.name, key.digest, key.webhook_secrets) == ("team_b", DIGEST, (WEBHOOK, WEBHOOK))


def test_table_of_a_key_wins_over_its_short_form(tmp_path: Path) -> None:
    keys = list(config(tmp_path, f'[auth]\nkeys = ["{SECRET}", "other"]\n' + TABLE).access_keys())
    assert {key.name for key in keys} == {"team-a", None}
    assert len(keys) == 2


def test_policies_follow_the_table_of_a_key(tmp_path: Path) -> None:
    made = config(tmp_path, TABLE + f'[cloudflare]\naccounts = ["shared"]\n[webhooks]\nsecrets = ["{WEBHOOK}"]\n')
    assert made.masking_policy().wanted(False, WHOLE.id)
    assert not made.masking_policy().wanted(False, "000000000000")
    assert made.cloudflare_accounts().default_for(WHOLE.id) == WHOLE.accounts[0]
    assert made.cloudflare_accounts().default_for("000000000000") == "shared"
    assert len(made.webhook_signer().headers(WHOLE.id, "msg_1", 0, b"")) == 3


def test_non_loopback_address_needs_a_key_of_either_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "maxserve.toml"
    path.write_text('[server]\nhost = "0.0.0.0"\n')
    assert main(["config", "check", "--config", str(path)]) == 2
    assert "[keys.NAME]" in capsys.readouterr().err
    path.write_text('[server]\nhost = "0.0.0.0"\n' + TABLE)
    assert main(["config", "check", "--config", str(path)]) in (0, None)


def test_secrets_of_keys_are_not_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "maxserve.toml"
    path.write_text(f'[keys.a]\nsecret = "{SECRET}"\nwebhook_secrets = ["{WEBHOOK}"]\n')
    for flags in ([], ["--json"]):
        assert main(["config", "show", "--config", str(path), *flags]) in (0, None)
        shown = capsys.readouterr().out
        assert "webhook_secrets" in shown
        assert SECRET not in shown
        assert WEBHOOK not in shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[keys.a]\n", "[keys.a]: it needs either digest or secret."),
        (f'[keys.a]\nsecret = "x"\ndigest = "sha256:{DIGEST}"\n', "either digest or secret"),
        ('[keys.a]\ndigest = "abc"\n', "digest is sha256: and 64 hex digits"),
        ('[keys.a]\ndigest = "sha256:abc"\n', "sha256: and 64 hex digits in lower case"),
        ('[keys.a]\nsecret = " x"\n', "without blanks around it"),
        ('[keys.a]\nsecret = "x"\nflavour = "azure"\n', "one of cloudsway, minimax, openai"),
        ('[keys.a]\nsecret = "x"\nmasking = "never"\n', "one of always, off, on"),
        ('[keys.a]\nsecret = "x"\nwebhook_secrets = ["whsec_c2hvcnQ="]\n', "one has 5 bytes"),
        ('[keys.a]\nsecret = "x"\ncolour = "red"\n', "has no key 'colour'"),
        ('[keys.a]\nsecret = "x"\n[keys.b]\nsecret = "x"\n', "[keys.b] and [keys.a] are the same key"),
    ],
)
def test_wrong_key_tables_are_refused_with_their_place(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        config(tmp_path, text)
    assert said in str(refused.value)
    assert str(tmp_path / "maxserve.toml") in str(refused.value)


@pytest.mark.parametrize(
    ("text", "environ", "said"),
    [
        (f'[auth.flavours]\n"sha256:{DIGEST}" = "minimax"\n', {}, "auth.flavours is no longer a table of keys"),
        (f'[masking.by_key]\n"sha256:{DIGEST}" = "on"\n', {}, "masking.by_key is no longer a table of keys"),
        (f'[webhooks.secrets]\ndefault = "{WEBHOOK}"\n', {}, 'webhooks.secrets = ["whsec_…"]'),
        ('[cloudflare.accounts]\nabc = "sha256:0123456789ab"\n', {}, 'cloudflare.accounts = ["ID"]'),
        ("", {"MAXSERVE_AUTH_FLAVOURS": "sha256:0123456789ab=minimax"}, "MAXSERVE_AUTH_FLAVOURS: auth.flavours is"),
        ("", {"MAXSERVE_MASKING_BY_KEY": "sha256:0123456789ab=on"}, "[keys.NAME] with digest"),
        ("", {"MAXSERVE_WEBHOOKS_SECRETS": f"default={WEBHOOK}"}, "webhook_secrets = "),
        ("", {"MAXSERVE_CLOUDFLARE_ACCOUNTS": "abc=,def=sha256:0123456789ab"}, "accounts = "),
    ],
)
def test_key_maps_of_earlier_versions_say_what_to_write(
    text: str, environ: dict[str, str], said: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as refused:
        config(tmp_path, text, environ)
    assert said in str(refused.value)
    assert "[keys.NAME]" in str(refused.value)


def test_padded_webhook_secret_is_not_taken_for_an_old_table(tmp_path: Path) -> None:
    padded = "whsec_bm90aGluZyBidXQgdGhlIHRydXRoLCBzaWduZWQ="
    assert config(tmp_path, "", {"MAXSERVE_WEBHOOKS_SECRETS": padded}).webhooks.secrets == (padded,)
