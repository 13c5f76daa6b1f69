FROM --platform=$BUILDPLATFORM python:3.14-alpine AS base
FROM base AS middle
# want: final-platform/base_(line_1)
FROM middle AS runtime
CMD ["python3"]
