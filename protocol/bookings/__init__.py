"""What is said about bookings of stations, over HTTP and on the staff's screens."""
