# The hub in one image: Node runs the TypeScript sources as they are, so there is nothing to build.
FROM node:24-bookworm-slim AS install
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force

FROM node:24-bookworm-slim
ENV NODE_ENV=production DATA_DIR=/data PORT=3000
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=install /app/node_modules node_modules
# Where the first start keeps the compiled sources for the next.
RUN mkdir node_modules/.cache && chown node:node node_modules/.cache
COPY package.json LICENSE ./
COPY bin bin
COPY config config
COPY locales locales
COPY migrations migrations
COPY public public
COPY views views
COPY src src
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:'+process.env.PORT+'/readyz').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
CMD ["node", "--max-semi-space-size=4", "--import=./bin/compile-cache.js", "src/main.ts"]
