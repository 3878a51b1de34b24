# till.store
