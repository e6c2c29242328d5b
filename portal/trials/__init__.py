"""What follows a switch or a conversion that was approved on trial: its dates, its end, and the way home."""
