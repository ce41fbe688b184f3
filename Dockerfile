# One image for every role; the command says which:
#   node dist/server/main.js     a gateway (the default)
#   node dist/workers/main.js    a worker
#   node dist/scripts/migrate.js brings the database up to date and ends

FROM node:20-bookworm-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json ./
COPY contracts/package.json contracts/
COPY client-sdk/package.json client-sdk/
COPY dashboard/package.json dashboard/

FROM manifests AS build
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build

# Installed apart from the build, so that a change of code reuses the layer. React and the map are in the built pages.
FROM manifests AS dependencies
RUN npm ci --omit=dev --no-audit --no-fund --include-workspace-root --workspace contracts --workspace client-sdk

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app ./
COPY --from=build /app/dist dist
COPY --from=build /app/contracts/dist contracts/dist
COPY --from=build /app/client-sdk/dist client-sdk/dist
COPY --from=build /app/dashboard/dist/app dashboard/dist/app
USER node
EXPOSE 3000
CMD ["node", "dist/server/main.js"]
