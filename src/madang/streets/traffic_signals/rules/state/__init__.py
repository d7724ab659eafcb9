"""What the traffic is: from counts with gaps and faults to volumes, queues and forecasts of every movement."""
