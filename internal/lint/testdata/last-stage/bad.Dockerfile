FROM node:24 AS runtime
CMD ["node", "server.js"]
# want: last-stage/dev-envs
FROM runtime AS dev-envs
RUN apt-get update
