"""One module or package per API: pure translation between its bytes and the common language."""
