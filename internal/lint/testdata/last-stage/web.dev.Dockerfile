FROM node:24 AS runtime
FROM runtime AS develop
