FROM node:24
# want: dev-server/npm_run_dev
ENTRYPOINT ["npm"]
CMD ["run", "dev"]
