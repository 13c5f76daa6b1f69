FROM node:24
ENTRYPOINT ["vite"]
CMD ["preview"]
