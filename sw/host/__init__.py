"""Transport alone: a byte link, frames on it, the window with its repairs, a client with a call for each request."""
