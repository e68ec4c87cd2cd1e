"""What systems that call us send: who they are, what is kept of it, what is refused."""
