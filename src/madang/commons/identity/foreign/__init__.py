"""People coming in by an identity that another authority keeps: a national mobile ID, another city's Keycloak."""
