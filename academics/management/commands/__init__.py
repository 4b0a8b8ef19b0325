"""Commands that fill an institution with the demo."""
