//! Camille and the others.

use super::{Line, camille, camille_ago, friend, friend_ago};

/// With Inès, physiotherapist; a draft waits underneath.
pub(in crate::demo) const INES: &[Line] = &[
    friend(
        12,
        10,
        5,
        "Bonjour Dre Tremblay, ici Inès, de la Clinique des Érables. Merci d’avoir accepté!",
    ),
    camille(12, 10, 30, "Bonjour Inès! On peut se tutoyer si ça te va."),
    friend(12, 10, 31, "Avec plaisir."),
    friend(
        10,
        9,
        20,
        "Genou opéré il y a six semaines : flexion à 95°, pas de rougeur, mais il boite encore. Je peux charger davantage?",
    ),
    camille(
        10,
        9,
        55,
        "L’orthopédiste a écrit « mise en charge selon tolérance ». Vas-y, et dis-moi si le genou gonfle le soir.",
    ),
    friend(10, 9, 57, "Parfait. Je passe au vélo et à l’escalier."),
    camille(
        6,
        13,
        10,
        "Il m’a dit qu’il descend son escalier de face. Il était fier comme tout.",
    ),
    friend(6, 13, 12, "Moi aussi!"),
    friend(
        4,
        11,
        2,
        "Je t’envoie aussi une question sur une épaule : douleur la nuit, force conservée, 58 ans. Écho d’abord ou traitement d’abord?",
    ),
    camille(
        4,
        11,
        25,
        "Traitement d’abord, six semaines. Écho seulement si ça stagne ou si la force tombe.",
    ),
    friend(4, 11, 27, "C’est ce que je pensais. Merci."),
    friend(
        2,
        16,
        45,
        "Pour la dame de la prothèse de hanche : elle marche 200 m, canne à gauche. La douleur revient à la fin du parcours.",
    ),
    friend_ago(
        160,
        "Tu la revois cette semaine? Je peux adapter son plan de marche avant.",
    ),
];

/// With Fatou, midwife.
pub(in crate::demo) const FATOU: &[Line] = &[
    friend(
        14,
        14,
        10,
        "Bonjour Camille! Fatou, de la Maison de naissance du Lac. On partage quelques familles, je crois.",
    ),
    camille(
        14,
        14,
        42,
        "Bonjour Fatou! Oui, au moins trois. Contente de te trouver ici.",
    ),
    friend(
        11,
        9,
        0,
        "Une maman que nous suivons toutes les deux voudrait son vaccin contre la coqueluche à 28 semaines. Chez vous ou chez nous?",
    ),
    camille(11, 9, 12, "Chez nous, mercredi après-midi, sans rendez-vous."),
    friend(11, 9, 13, "Je lui dis. Merci!"),
    camille(
        5,
        10,
        30,
        "Ferritine à 14 chez une autre, 30 semaines. Je commence le fer un jour sur deux.",
    ),
    friend(
        5,
        10,
        41,
        "Bonne idée, elle digère mal le quotidien. Je contrôle à 34 semaines.",
    ),
    camille(5, 10, 42, "Parfait, je te laisse le contrôle."),
    friend_ago(
        330,
        "Belle nouvelle : tout le monde va bien, 3 450 g, et la maman demande que tu sois prévenue.",
    ),
    camille_ago(312, "Quelle bonne nouvelle! Félicite-la pour moi."),
];

/// With Marie-Josée, nutritionist.
pub(in crate::demo) const MARIE_JOSEE: &[Line] = &[
    friend(
        8,
        11,
        15,
        "Bonjour Camille, Marie-Josée, nutritionniste au GMF du Canal. Merci de l’ajout.",
    ),
    camille(8, 11, 50, "Bonjour Marie-Josée! Bienvenue."),
    friend(
        7,
        14,
        20,
        "Pour le monsieur diabétique qui jeûne le vendredi : il prend son gliclazide quand même. Je voulais t’en parler avant de le voir.",
    ),
    camille(
        7,
        14,
        36,
        "Merci, c’est important. Je le lui fais sauter les jours de jeûne et je l’appelle aujourd’hui.",
    ),
    friend(
        7,
        14,
        38,
        "Parfait. Je lui montre comment reconnaître une hypoglycémie.",
    ),
    camille(1, 11, 5, "Il n’a plus eu de malaise. Tu as trouvé les mots."),
    friend(
        1,
        11,
        30,
        "C’est surtout sa fille! Elle a mis l’horaire sur le frigo.",
    ),
];

/// With Minh, radiologist.
pub(in crate::demo) const MINH: &[Line] = &[
    camille(
        7,
        9,
        10,
        "Bonjour Minh! Petite question de formulation : quand tu écris « corrélation clinique suggérée », tu attends un appel?",
    ),
    friend(
        7,
        12,
        2,
        "😅 Pas toujours. Si je veux un appel, je l’écris maintenant en toutes lettres.",
    ),
    camille(7, 12, 4, "C’est tout ce que je voulais savoir."),
    friend(
        5,
        8,
        33,
        "Pour le nodule de 5 mm, non-fumeuse, 41 ans : pas de suivi nécessaire selon les critères. Je l’ai ajouté au rapport.",
    ),
    camille(5, 8, 50, "Merci, elle va respirer."),
    friend(
        3,
        17,
        5,
        "Je serai absent une semaine. Pour une lecture pressée, appelle la salle, ma collègue répond.",
    ),
    camille(3, 17, 12, "Bonnes vacances, Minh!"),
    friend(3, 17, 14, "Merci Camille."),
];

/// With Sophie, until Camille closed the channel.
pub(in crate::demo) const SOPHIE: &[Line] = &[
    friend(
        20,
        9,
        30,
        "Bonjour Camille, je remplace au CLSC jusqu’à la fin du mois. Merci pour l’accueil!",
    ),
    camille(
        20,
        9,
        45,
        "Bienvenue Sophie! Écris-moi si tu cherches quelque chose.",
    ),
    friend(17, 11, 20, "Où sont les formulaires d’arrêt de travail vierges?"),
    camille(17, 11, 28, "Deuxième tiroir du poste, à gauche."),
    friend(6, 16, 40, "C’était ma dernière journée. Merci pour tout!"),
    camille(
        6,
        16,
        52,
        "Merci à toi. Je ferme le canal puisque le remplacement est fini; on se retrouve quand tu reviens.",
    ),
];

/// With Julie, until Julie closed the channel.
pub(in crate::demo) const JULIE: &[Line] = &[
    camille(
        15,
        10,
        10,
        "Bonjour Julie, penses-tu pouvoir évaluer la déglutition d’un monsieur après son AVC?",
    ),
    friend(15, 10, 48, "Oui, jeudi matin à domicile."),
    friend(
        13,
        13,
        30,
        "Textures molles, liquides épaissis pour deux semaines, puis je le revois.",
    ),
    camille(13, 13, 41, "Merci beaucoup."),
];
