# torture: faults at every point of every flow, each run to its quiet end and judged: one effect, the same on both sides, or a recording.
