FROM node:24
ENTRYPOINT ["/entrypoint.sh"]
# want: dev-server/npm_run_dev
CMD ["npm", "run", "dev"]
