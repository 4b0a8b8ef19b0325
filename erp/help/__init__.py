"""The documents of this repository as pages under /help/, with a search over all of them."""
