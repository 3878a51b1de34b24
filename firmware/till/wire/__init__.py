# till.wire
