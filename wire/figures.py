"""Where the balancer's figures lie in CloudWatch. Which there are is `balancer.metrics`."""

NAMESPACE = "ClassifyCloud"
DEPLOYMENT = "Deployment"  # the dimension of every figure
CODE = "Code"  # and of errors once more by their code
PERIOD = 60  # seconds of one value
