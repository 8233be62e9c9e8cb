"""A client of ClassifyCloud, sync and async: docs/client.md.

with Client() as cloud:
    print(cloud.classify("https://example.com/cat.jpg").result)
"""

from classifycloud.client.activations import Features as Features
from classifycloud.client.aio import AsyncClient as AsyncClient
from classifycloud.client.answers import Classification as Classification
from classifycloud.client.answers import Job as Job
from classifycloud.client.answers import Model as Model
from classifycloud.client.answers import Outcome as Outcome
from classifycloud.client.answers import Row as Row
from classifycloud.client.errors import BadPicture as BadPicture
from classifycloud.client.errors import BadRequest as BadRequest
from classifycloud.client.errors import Busy as Busy
from classifycloud.client.errors import ClassifyCloudError as ClassifyCloudError
from classifycloud.client.errors import Conflict as Conflict
from classifycloud.client.errors import Interrupted as Interrupted
from classifycloud.client.errors import JobEnded as JobEnded
from classifycloud.client.errors import NoAnswer as NoAnswer
from classifycloud.client.errors import NotAllowed as NotAllowed
from classifycloud.client.errors import NotFound as NotFound
from classifycloud.client.errors import NotUnderstood as NotUnderstood
from classifycloud.client.errors import OutOfTime as OutOfTime
from classifycloud.client.errors import PictureUnreachable as PictureUnreachable
from classifycloud.client.errors import ServiceFailed as ServiceFailed
from classifycloud.client.errors import Unfinished as Unfinished
from classifycloud.client.errors import Unreachable as Unreachable
from classifycloud.client.pictures import Picture as Picture
from classifycloud.client.sync import Client as Client
