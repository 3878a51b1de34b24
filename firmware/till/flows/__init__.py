# till.flows
