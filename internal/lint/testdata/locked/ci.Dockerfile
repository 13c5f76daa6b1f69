FROM node:24
RUN CI=1 pnpm install && bash -c 'CI=true pnpm install'
# want: locked/pnpm_install
RUN CI=false pnpm install
