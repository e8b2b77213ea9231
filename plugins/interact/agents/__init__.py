"""Who answers: the contract, the roster, the embedded analyst."""
