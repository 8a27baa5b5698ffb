"""Train the model that weighs the evidence for two reports being one bug."""
