FROM node:24 AS runtime
# want: last-stage/debug
FROM runtime AS debug
