"""Who is simulated, how damaged, how it goes on, and what readers write down."""
