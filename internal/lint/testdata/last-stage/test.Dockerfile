FROM node:24 AS runtime
FROM runtime AS test
RUN npm test
