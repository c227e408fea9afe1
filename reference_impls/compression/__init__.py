"""Makes a tuned encoder smaller and quicker, and measures what that costs."""
