# till.devices
