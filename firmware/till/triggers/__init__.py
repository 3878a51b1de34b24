# till.triggers
