"""Jobs from filing to their end: services, the saga and its lease, the recovery of those whose worker is lost, REST."""
