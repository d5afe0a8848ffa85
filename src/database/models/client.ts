// The table `clients`: OAuth and OpenID Connect registrations, of applications, of service users and of directories.
import { DataTypes, Model, type CreationOptional, type InferAttributes, type InferCreationAttributes } from 'sequelize';
import type { Sequelize } from 'sequelize';

export class ClientModel extends Model<InferAttributes<ClientModel>, InferCreationAttributes<ClientModel>> {
  declare clientId: string;
  declare name: string;
  /** Whose rights its tokens carry; null for the hub's own clients. */
  declare application: string | null;
  declare organizationId: string | null;
  /** One of the two, or none. */
  declare serviceUserId: string | null;
  declare connectionId: string | null;
  /** OpenID Connect Registration 1.0 names. */
  declare metadata: Record<string, unknown>;
  /** SHA-256; null for who keeps no secret. */
  declare secretHash: Buffer | null;
  declare createdAt: CreationOptional<Date>;
  declare endedAt: CreationOptional<Date | null>;
}

export const defineClients = (sequelize: Sequelize): void =>
  void ClientModel.init(
    {
      clientId: { type: DataTypes.TEXT, primaryKey: true },
      name: { type: DataTypes.TEXT, allowNull: false },
      application: DataTypes.TEXT,
      organizationId: DataTypes.UUID,
      serviceUserId: DataTypes.UUID,
      connectionId: DataTypes.UUID,
      metadata: { type: DataTypes.JSONB, allowNull: false },
      secretHash: DataTypes.BLOB,
      createdAt: { type: DataTypes.DATE, allowNull: false, defaultValue: DataTypes.NOW },
      endedAt: DataTypes.DATE,
    },
    { sequelize, tableName: 'clients', underscored: true, timestamps: false },
  );
