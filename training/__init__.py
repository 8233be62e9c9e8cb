from classifier import unwatched as unwatched
