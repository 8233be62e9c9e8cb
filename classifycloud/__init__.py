"""What programs outside the service import: `classifycloud.client`."""
