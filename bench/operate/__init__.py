"""The operator's page, left open: does it stay live and small, and what does it cost the service?"""
