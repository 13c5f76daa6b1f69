FROM node AS development
CMD ["npm", "run", "dev"]
