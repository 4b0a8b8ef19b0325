"""Jobs from filing to their end: services, the saga and its lease, REST."""
