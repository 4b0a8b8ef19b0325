"""What is fixed in a run, what is decided, and how both are looked up."""
