export { asyncApi } from './asyncapi';
export { openApi } from './openapi';
export { docsRoutes } from './pages';
