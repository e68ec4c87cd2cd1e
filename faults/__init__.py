"""The fault suite: what every pattern accepts, and what becomes of it while things break."""
