export interface KnownService {
  readonly name: string;
  readonly operations: readonly string[];
  readonly calls: readonly string[];
  readonly asynchronous?: boolean;
}

/** A shop. The first n of these make a fleet of n services. */
export const serviceCatalogue: readonly KnownService[] = [
  { name: 'gateway', operations: ['GET /'], calls: ['frontend', 'checkout', 'catalog', 'search', 'cart', 'account', 'orders'] },
  { name: 'frontend', operations: ['GET /home', 'GET /product/{id}'], calls: ['catalog', 'recommendation', 'cart'] },
  { name: 'checkout', operations: ['POST /checkout', 'POST /checkout/quote'], calls: ['cart', 'payment', 'shipping', 'email', 'fraud'] },
  { name: 'catalog', operations: ['GET /catalog', 'GET /catalog/{sku}'], calls: ['inventory', 'pricing'] },
  { name: 'search', operations: ['GET /search', 'GET /search/suggest'], calls: ['catalog', 'ranking'] },
  { name: 'cart', operations: ['GET /cart/{id}', 'POST /cart/{id}/items'], calls: ['pricing', 'session'] },
  { name: 'payment', operations: ['POST /payment/authorize', 'POST /payment/capture'], calls: ['currency', 'fraud'] },
  { name: 'inventory', operations: ['GET /inventory/{sku}', 'POST /inventory/reserve'], calls: ['warehouse'] },
  { name: 'shipping', operations: ['POST /shipping/quote', 'POST /shipping/order'], calls: ['warehouse'] },
  { name: 'recommendation', operations: ['GET /recommendation', 'GET /recommendation/similar'], calls: ['ranking'] },
  { name: 'email', operations: ['email.send'], calls: [], asynchronous: true },
  { name: 'currency', operations: ['GET /currency/rates', 'POST /currency/convert'], calls: [] },
  { name: 'account', operations: ['GET /account', 'POST /account/login'], calls: ['session'] },
  { name: 'orders', operations: ['GET /orders', 'GET /orders/{id}'], calls: ['shipping', 'inventory'] },
  { name: 'pricing', operations: ['GET /pricing/{sku}', 'POST /pricing/quote'], calls: ['currency'] },
  { name: 'session', operations: ['GET /session/{id}', 'POST /session'], calls: [] },
  { name: 'fraud', operations: ['POST /fraud/score'], calls: ['features'] },
  { name: 'ranking', operations: ['POST /ranking/score'], calls: ['features'] },
  { name: 'warehouse', operations: ['GET /warehouse/stock', 'POST /warehouse/pick'], calls: [] },
  { name: 'features', operations: ['GET /features/{entity}'], calls: [] },
];
