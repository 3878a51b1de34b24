# fingerprint.py: stands where the build makes one, so that pyright can read board.py.
firmware_hash = b"0123456789abcdef"
