"""What adapters share when they reach for something: a proof, rounds, a request that is ready to go."""
