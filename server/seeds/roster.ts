/** Who works where. Kept apart from `company.ts` so that the names can be read, and argued about, as a list. */
export type DemoRole = 'owner' | 'admin' | 'hr' | 'manager' | 'staff';
export type BranchCode = 'JHB-HQ' | 'SANDTON' | 'PRETORIA' | 'SOWETO';

export type RosterLine = readonly [first: string, last: string, branch: BranchCode, jobTitle: string, role?: DemoRole];

export const roster: readonly RosterLine[] = [
  ['Thandeka', 'Nkosi', 'JHB-HQ', 'Managing director', 'owner'],
  ['Pieter', 'van Wyk', 'JHB-HQ', 'Systems administrator', 'admin'],
  ['Ayesha', 'Moosa', 'JHB-HQ', 'People and payroll lead', 'hr'],
  ['Lerato', 'Molefe', 'SANDTON', 'Branch manager', 'manager'],
  ['Johan', 'Pretorius', 'PRETORIA', 'Branch manager', 'manager'],
  ['Sibusiso', 'Dlamini', 'SOWETO', 'Branch manager', 'manager'],

  ['Bongani', 'Khumalo', 'JHB-HQ', 'Driver'],
  ['Naledi', 'Mokoena', 'JHB-HQ', 'Sales representative'],
  ['Ruan', 'Botha', 'JHB-HQ', 'Refrigeration technician'],
  ['Priya', 'Naidoo', 'JHB-HQ', 'Sales representative'],
  ['Themba', 'Zulu', 'JHB-HQ', 'Driver'],
  ['Chantelle', 'Jacobs', 'JHB-HQ', 'Merchandiser'],
  ['Mpho', 'Ramaphala', 'JHB-HQ', 'Electrical technician'],
  ['Carlos', 'Ferreira', 'JHB-HQ', 'Refrigeration technician'],

  ['Zanele', 'Mthembu', 'SANDTON', 'Sales representative'],
  ['Kagiso', 'Modise', 'SANDTON', 'Driver'],
  ['Megan', 'Abrahams', 'SANDTON', 'Sales representative'],
  ['Tshepo', 'Mabaso', 'SANDTON', 'Refrigeration technician'],
  ['Daniel', 'Kaplan', 'SANDTON', 'Key accounts representative'],
  ['Nomvula', 'Sithole', 'SANDTON', 'Merchandiser'],
  ['Rajesh', 'Pillay', 'SANDTON', 'Electrical technician'],
  ['Andile', 'Gumede', 'SANDTON', 'Driver'],
  ['Liezel', 'Steyn', 'SANDTON', 'Sales representative'],

  ['Karabo', 'Maluleke', 'PRETORIA', 'Driver'],
  ['Hendrik', 'Nel', 'PRETORIA', 'Refrigeration technician'],
  ['Dineo', 'Mashaba', 'PRETORIA', 'Sales representative'],
  ['Tendani', 'Netshifhefhe', 'PRETORIA', 'Electrical technician'],
  ['Anika', 'du Plessis', 'PRETORIA', 'Sales representative'],
  ['Vusi', 'Mahlangu', 'PRETORIA', 'Driver'],
  ['Boitumelo', 'Tau', 'PRETORIA', 'Merchandiser'],
  ['Tiyani', 'Chauke', 'PRETORIA', 'Refrigeration technician'],
  ['Fatima', 'Essop', 'PRETORIA', 'Sales representative'],

  ['Nosipho', 'Ndlovu', 'SOWETO', 'Sales representative'],
  ['Lwazi', 'Mbatha', 'SOWETO', 'Driver'],
  ['Palesa', 'Motaung', 'SOWETO', 'Merchandiser'],
  ['Siyabonga', 'Cele', 'SOWETO', 'Refrigeration technician'],
  ['Refilwe', 'Sebego', 'SOWETO', 'Sales representative'],
  ['Xolani', 'Mbele', 'SOWETO', 'Driver'],
  ['Keanu', 'Adams', 'SOWETO', 'Electrical technician'],
  ['Unathi', 'Jonas', 'SOWETO', 'Sales representative'],
];

/** The part of town that a branch's clients are named after. */
export const areas: Readonly<Record<BranchCode, string>> = {
  'JHB-HQ': 'Braamfontein',
  SANDTON: 'Sandton',
  PRETORIA: 'Hatfield',
  SOWETO: 'Orlando',
};

/** Kinds of customer that buy cold rooms, and the names that shops of those kinds carry. */
export const clientNames: readonly string[] = [
  'Jacaranda Butchery',
  'Corner Spaza',
  'Highveld Dairy Depot',
  'Mama Thoko’s Kitchen',
  'Karoo Lamb Traders',
  'Protea Pharmacy',
  'Goldreef Superette',
  'Marula Fresh Produce',
  'Union Square Florist',
  'Baobab Ice Cream Parlour',
  'Station Road Bakery',
  'Two Oceans Fish Market',
  'Sunrise Clinic',
  'Impala Wholesale',
  'Fever Tree Hotel',
  'Kopano Community Hall',
];
