"""What customers are sent: their endpoints, the deliveries to each, the attempts and their ends."""
