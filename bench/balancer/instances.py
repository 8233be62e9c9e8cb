"""DescribeInstances as EC2 answers it: pages of instances with everything that EC2 says of each.

The elements are those of the API reference's Instance for a running instance of a VPC, started from a
launch template: what a client has to read is what it costs to ask.
"""

PAGE = 1000
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
    "<requestId>8f7724cf-496f-496e-8fe3-example</requestId><reservationSet>"
)
INSTANCE = """<item>
<reservationId>r-{n:017x}</reservationId><ownerId>123456789012</ownerId><groupSet/>
<instancesSet><item>
<instanceId>{id}</instanceId><imageId>ami-0a1b2c3d4e5f60718</imageId>
<instanceState><code>16</code><name>running</name></instanceState>
<privateDnsName>ip-10-0-{a}-{b}.ec2.internal</privateDnsName><dnsName/><reason/>
<amiLaunchIndex>0</amiLaunchIndex><productCodes/>
<instanceType>c7a.large</instanceType><launchTime>{launched}</launchTime>
<placement><availabilityZone>us-east-1a</availabilityZone><groupName/><tenancy>default</tenancy></placement>
<monitoring><state>disabled</state></monitoring>
<subnetId>subnet-0123456789abcdef0</subnetId><vpcId>vpc-0123456789abcdef0</vpcId>
<privateIpAddress>10.0.{a}.{b}</privateIpAddress><sourceDestCheck>true</sourceDestCheck>
<groupSet><item><groupId>sg-0123456789abcdef0</groupId><groupName>workers</groupName></item></groupSet>
<architecture>x86_64</architecture><rootDeviceType>ebs</rootDeviceType>
<rootDeviceName>/dev/xvda</rootDeviceName>
<blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs>
<volumeId>vol-{n:017x}</volumeId><status>attached</status><attachTime>{launched}</attachTime>
<deleteOnTermination>true</deleteOnTermination></ebs></item></blockDeviceMapping>
<virtualizationType>hvm</virtualizationType><clientToken>{token}</clientToken>
<tagSet>
<item><key>classifycloud-deployment</key><value>{deployment}</value></item>
<item><key>classifycloud-launch</key><value>{token}</value></item>
<item><key>classifycloud-role</key><value>worker</value></item>
<item><key>classifycloud-active</key><value>yes</value></item>
<item><key>Name</key><value>{deployment}-worker</value></item>
<item><key>aws:ec2launchtemplate:id</key><value>lt-0123456789abcdef0</value></item>
<item><key>aws:ec2launchtemplate:version</key><value>1</value></item>
</tagSet>
<hypervisor>xen</hypervisor>
<networkInterfaceSet><item>
<networkInterfaceId>eni-{n:017x}</networkInterfaceId><subnetId>subnet-0123456789abcdef0</subnetId>
<vpcId>vpc-0123456789abcdef0</vpcId><description/><ownerId>123456789012</ownerId>
<status>in-use</status><macAddress>02:ca:86:e9:{a:02x}:{b:02x}</macAddress>
<privateIpAddress>10.0.{a}.{b}</privateIpAddress>
<privateDnsName>ip-10-0-{a}-{b}.ec2.internal</privateDnsName><sourceDestCheck>true</sourceDestCheck>
<groupSet><item><groupId>sg-0123456789abcdef0</groupId><groupName>workers</groupName></item></groupSet>
<attachment><attachmentId>eni-attach-{n:017x}</attachmentId><deviceIndex>0</deviceIndex>
<status>attached</status><attachTime>{launched}</attachTime>
<deleteOnTermination>true</deleteOnTermination><networkCardIndex>0</networkCardIndex></attachment>
<privateIpAddressesSet><item><privateIpAddress>10.0.{a}.{b}</privateIpAddress>
<privateDnsName>ip-10-0-{a}-{b}.ec2.internal</privateDnsName><primary>true</primary></item>
</privateIpAddressesSet><ipv6AddressesSet/><interfaceType>interface</interfaceType>
</item></networkInterfaceSet>
<iamInstanceProfile><arn>arn:aws:iam::123456789012:instance-profile/worker</arn>
<id>AIPAABCDEFGHIJKLMNOPQ</id></iamInstanceProfile>
<ebsOptimized>true</ebsOptimized><enaSupport>true</enaSupport>
<instanceLifecycle>spot</instanceLifecycle><spotInstanceRequestId>sir-{n:08x}</spotInstanceRequestId>
<cpuOptions><coreCount>2</coreCount><threadsPerCore>1</threadsPerCore></cpuOptions>
<capacityReservationSpecification><capacityReservationPreference>open</capacityReservationPreference>
</capacityReservationSpecification>
<hibernationOptions><configured>false</configured></hibernationOptions>
<enclaveOptions><enabled>false</enabled></enclaveOptions>
<metadataOptions><state>applied</state><httpTokens>required</httpTokens>
<httpPutResponseHopLimit>2</httpPutResponseHopLimit><httpEndpoint>enabled</httpEndpoint>
<httpProtocolIpv6>disabled</httpProtocolIpv6><instanceMetadataTags>enabled</instanceMetadataTags>
</metadataOptions>
<maintenanceOptions><autoRecovery>default</autoRecovery></maintenanceOptions>
<privateDnsNameOptions><hostnameType>ip-name</hostnameType>
<enableResourceNameDnsARecord>false</enableResourceNameDnsARecord>
<enableResourceNameDnsAAAARecord>false</enableResourceNameDnsAAAARecord></privateDnsNameOptions>
<platformDetails>Linux/UNIX</platformDetails><usageOperation>RunInstances:SV001</usageOperation>
<usageOperationUpdateTime>{launched}</usageOperationUpdateTime>
<currentInstanceBootMode>uefi</currentInstanceBootMode>
</item></instancesSet></item>
"""


def name(number: int) -> str:
    """The id of the instance with this number."""
    return f"i-{number:017x}"


def pages(count: int, deployment: str, launched: str) -> list[bytes]:
    """Every page of an answer with `count` running instances, launched then (ISO 8601, UTC)."""
    found = []
    for first in range(0, max(count, 1), PAGE):
        numbers = range(first, min(first + PAGE, count))
        more = f"<nextToken>{first + PAGE}</nextToken>" if first + PAGE < count else ""
        items = "".join(_instance(number, deployment, launched) for number in numbers)
        found.append(f"{HEAD}{items}</reservationSet>{more}</DescribeInstancesResponse>".encode())
    return found


def _instance(number: int, deployment: str, launched: str) -> str:
    return INSTANCE.format(
        n=number,
        id=name(number),
        a=number // 250 % 250,
        b=number % 250 + 4,
        token=f"{deployment}-1-1-0-0",
        deployment=deployment,
        launched=launched,
    )
