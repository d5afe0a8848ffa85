// The table `news`: what the operator tells everybody who signs in.
import { DataTypes, Model, type CreationOptional, type InferAttributes, type InferCreationAttributes } from 'sequelize';
import type { Sequelize } from 'sequelize';

type InFourLanguages = Record<'nl' | 'fr' | 'de' | 'en', string>;

export class NewsModel extends Model<InferAttributes<NewsModel>, InferCreationAttributes<NewsModel>> {
  declare id: string;
  /** 2026-12-31 */
  declare day: string;
  declare title: InFourLanguages;
  declare text: InFourLanguages;
  declare moreUrl: string | null;
  declare publishedBy: object;
  declare publishedAt: Date;
  declare withdrawnAt: CreationOptional<Date | null>;
}

export const defineNews = (sequelize: Sequelize): void =>
  void NewsModel.init(
    {
      id: { type: DataTypes.UUID, primaryKey: true },
      day: { type: DataTypes.DATEONLY, allowNull: false },
      title: { type: DataTypes.JSONB, allowNull: false },
      text: { type: DataTypes.JSONB, allowNull: false },
      moreUrl: DataTypes.TEXT,
      publishedBy: { type: DataTypes.JSONB, allowNull: false },
      publishedAt: { type: DataTypes.DATE, allowNull: false },
      withdrawnAt: DataTypes.DATE,
    },
    { sequelize, tableName: 'news', underscored: true, timestamps: false },
  );
