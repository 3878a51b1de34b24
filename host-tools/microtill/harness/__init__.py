# harness: tests that run on the target itself: found, sent, run one life each, told, written down. docs/harness.md
