"""People coming in by a credential in the wallet on their phone (OpenID4VP 1.0, SD-JWT VC)."""
