# till.money
