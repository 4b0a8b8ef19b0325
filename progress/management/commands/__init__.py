"""Commands that watch a job, or test the streams."""
